/** When a function is called by itself: values for the option `schedule`. */
import { InvalidError } from "@bellows/protocol/errors";
import type { FunctionOptions } from "@bellows/protocol/function-options";

export type Schedule = NonNullable<FunctionOptions["schedule"]>;

const FIELD = /^[\d*,/?LW#A-Za-z-]+$/;

/**
 * By the clock: five fields (minute hour day month weekday) or six (with seconds first), in an IANA time zone.
 * @throws InvalidError when it is not a cron expression or there is no such zone.
 */
export function cron(expression: string, options: { timezone?: string } = {}): Schedule {
  const timezone = options.timezone ?? "UTC";
  const fields = expression.trim().split(/\s+/);
  if ((fields.length !== 5 && fields.length !== 6) || !fields.every((field) => FIELD.test(field))) {
    throw new InvalidError(
      `"${expression}" is not a cron expression; write five fields (minute hour day month weekday), as in "0 8 * * 1-5"`,
    );
  }
  if (!isTimezone(timezone)) {
    throw new InvalidError(`there is no time zone "${timezone}"; write an IANA name such as "Europe/Berlin"`);
  }
  return { type: "cron", expression: fields.join(" "), timezone };
}

/**
 * Every so often; the parts add up.
 * @throws InvalidError below one second.
 */
export function period(parts: { seconds?: number; minutes?: number; hours?: number; days?: number }): Schedule {
  const { seconds = 0, minutes = 0, hours = 0, days = 0 } = parts;
  const everyMs = Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000);
  if (!(everyMs >= 1_000 && Number.isSafeInteger(everyMs))) {
    throw new InvalidError(`a period of ${everyMs} ms is below 1 s; write period({ minutes: 5 })`);
  }
  return { type: "period", everyMs };
}

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
