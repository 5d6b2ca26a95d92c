/** What a list is filtered by, and the way back to all of it. */
import type { ReactNode } from "react";
import { ButtonLink } from "./button.tsx";

export function FilterBar({
  children,
  clear,
}: {
  children: ReactNode /** Absent while nothing is set. */;
  clear?: string;
}) {
  return (
    <div className="mb-4 flex flex-wrap items-end gap-3">
      {children}
      {clear !== undefined && (
        <ButtonLink look="ghost" href={clear}>
          Clear filters
        </ButtonLink>
      )}
    </div>
  );
}
