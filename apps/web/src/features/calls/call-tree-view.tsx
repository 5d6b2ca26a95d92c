/** A call among those that called it and those that it called: a line each, indented under the call that made it. */
import type { CallTreeNode } from "@bellows/protocol/call-views";
import clsx from "clsx";
import Link from "next/link";
import { plural } from "../../lib/format.ts";
import { paths } from "../../lib/paths.ts";
import { CallBadge } from "../../lib/status.tsx";
import { Tag } from "../../ui/badge.tsx";
import { IdLink } from "../../ui/copyable-id.tsx";
import { FunctionLink } from "../../ui/function-link.tsx";
import { Elapsed } from "../../ui/time.tsx";
import { CallProgress } from "./call-progress.tsx";

export function CallTreeView({ root, currentId }: { root: CallTreeNode; currentId: string }) {
  return (
    <ul aria-label="Nested calls" className="px-1 py-2">
      {root.call.parent && (
        <li className="px-2.5 py-1.5 text-ink-soft">
          There is more above:{" "}
          <IdLink
            id={root.call.parent.callId}
            noun="call"
            href={paths.call(root.call.parent.callId, { tab: "tree" })}
          />
        </li>
      )}
      <Node node={root} currentId={currentId} />
    </ul>
  );
}

function Node({ node: { call, children, hidden }, currentId }: { node: CallTreeNode; currentId: string }) {
  const current = call.id === currentId;
  return (
    <li>
      <div
        aria-current={current ? "true" : undefined}
        className={clsx(
          "flex flex-wrap items-center gap-x-3 gap-y-0.5 rounded-md px-2.5 py-1.5",
          current ? "bg-sunken" : "hover:bg-sunken/60",
        )}
      >
        <IdLink id={call.id} noun="call" href={paths.call(call.id, { tab: "tree" })} />
        <FunctionLink app={call.appName} name={call.functionName} method={call.method} />
        <Tag title="made by this verb">{call.kind}</Tag>
        {call.parent && (
          <Link
            href={paths.input(call.parent.callId, call.parent.index)}
            className="text-ink-faint text-xs hover:text-link"
          >
            by input #{call.parent.index}
          </Link>
        )}
        <span className="ml-auto flex flex-wrap items-center justify-end gap-x-4">
          <CallProgress call={call} />
          <span className="w-24">
            <CallBadge call={call} />
          </span>
          <span className="w-16 text-right text-ink-soft tabular-nums">
            <Elapsed fromMs={call.createdAtMs} toMs={call.finishedAtMs} />
          </span>
        </span>
      </div>
      {(children.length > 0 || hidden > 0) && (
        <ul className="ml-4 border-line border-l pl-2">
          {children.map((child) => (
            <Node key={child.call.id} node={child} currentId={currentId} />
          ))}
          {hidden > 0 && (
            <li className="px-2.5 py-1.5 text-ink-soft">
              <Link href={paths.calls({ parent: call.id })} className="link">
                {plural(hidden, "more call")}
              </Link>{" "}
              below
            </li>
          )}
        </ul>
      )}
    </li>
  );
}
