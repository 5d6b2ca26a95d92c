import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Alarm } from "./alarm.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An alarm, and when it rang: milliseconds from now on. */
function ringing() {
  const start = Date.now();
  const now = () => Date.now() - start;
  const rang: number[] = [];
  return { alarm: new Alarm(now, () => rang.push(now())), rang };
}

test("it does not ring before its time, although the timer fires early", () => {
  const { alarm, rang } = ringing();
  // The clock is put back by a millisecond while the timer runs.
  alarm.at(100);
  vi.setSystemTime(Date.now() - 1);
  vi.advanceTimersByTime(100);
  expect(rang).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(rang).toEqual([100]);
});

test("a part of a millisecond is waited for", () => {
  const { alarm, rang } = ringing();
  alarm.at(100.4);
  vi.advanceTimersByTime(1_000);
  expect(rang).toEqual([101]);
});

test("what is longer than a timer can wait is waited for", () => {
  const { alarm, rang } = ringing();
  const months = 100 * 86_400_000;
  alarm.at(months);
  vi.advanceTimersByTime(months - 1);
  expect(rang).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(rang).toEqual([months]);
});

test("the last time counts, and a time that is past rings soon", () => {
  const { alarm, rang } = ringing();
  alarm.at(100);
  alarm.at(-5);
  vi.advanceTimersByTime(1_000);
  expect(rang).toEqual([0]);
  alarm.at(2_000);
  alarm.clear();
  vi.advanceTimersByTime(5_000);
  expect(rang).toHaveLength(1);
});
