"use client";
/**
 * The way in. With a code in the address it is exchanged at once; without one, this says where to get one. The code
 * is spent once even when React runs the effect twice, as it does in development.
 */
import type { ErrorData } from "@bellows/protocol/errors";
import { errorDataSchema } from "@bellows/protocol/errors";
import { useEffect, useRef, useState } from "react";
import { z } from "zod";
import { doors } from "../../lib/paths.ts";
import { Command } from "../../ui/code-block.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";

export function SignIn({ code, next }: { code: string | undefined; next: string }) {
  const spent = useRef(false);
  const [error, setError] = useState<ErrorData | null>(null);
  useEffect(() => {
    if (code === undefined || spent.current) return;
    spent.current = true;
    void exchange(code).then((failure) => {
      if (failure === null) window.location.replace(next);
      else setError(failure);
    });
  }, [code, next]);
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-md flex-col justify-center gap-5 px-4 py-10">
      <h1 className="font-semibold text-2xl tracking-tight">
        <span className="text-ember">Bellows</span> console
      </h1>
      {code !== undefined && error === null ? <p role="status">Signing you in…</p> : <HowToSignIn error={error} />}
    </main>
  );
}

function HowToSignIn({ error }: { error: ErrorData | null }) {
  return (
    <>
      {error && <ErrorPanel error={error} />}
      <div className="flex flex-col gap-3 text-ink-soft">
        {!error && (
          <p>
            You sign in by a link that works once. It is printed when Bellows starts; this command, run where Bellows
            was started, makes a fresh one:
          </p>
        )}
        <Command text="npx bellows sign-in" />
      </div>
    </>
  );
}

const failureSchema = z.object({ error: z.object({ data: z.object({ bellows: errorDataSchema }) }) });

/** Null when signed in. */
async function exchange(code: string): Promise<ErrorData | null> {
  try {
    const response = await fetch(doors.session, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code }),
    });
    if (response.ok) return null;
    return failureSchema.parse(await response.json()).error.data.bellows;
  } catch {
    return { code: "CONNECTION", message: "the server of this console does not answer" };
  }
}
