"use client";
import { Button } from "../../ui/button.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";

/** A page that failed to draw itself: a defect of the console. The rest of it goes on. */
export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <ErrorPanel
      error={{ code: "INTERNAL", message: `this page could not be drawn: ${error.message}` }}
      advice="This is a defect of the console; whatever runs goes on. The browser's own console has the details."
      actions={<Button onClick={reset}>Try again</Button>}
    />
  );
}
