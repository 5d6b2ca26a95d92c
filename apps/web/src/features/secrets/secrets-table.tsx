import type { SecretView } from "@bellows/protocol/views";
import { Tag } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { TimeAgo } from "../../ui/time.tsx";
import { Users } from "./users.tsx";

export function SecretsTable({
  secrets,
  editable,
  onReplace,
  onDelete,
}: {
  secrets: readonly SecretView[];
  editable: boolean;
  onReplace: (secret: SecretView) => void;
  onDelete: (secret: SecretView) => void;
}) {
  return (
    <ul className="divide-y divide-line">
      {secrets.map((secret) => (
        <li key={secret.id} className="flex flex-wrap items-start gap-x-6 gap-y-2 px-4 py-3">
          <div className="min-w-0 flex-1 basis-64">
            <p className="font-medium">{secret.name}</p>
            <p className="mt-1 flex flex-wrap gap-1">
              {secret.variables.map((variable) => (
                <Tag key={variable}>{variable}</Tag>
              ))}
            </p>
          </div>
          <div className="min-w-0 flex-1 basis-56 text-ink-soft">
            <p>
              changed <TimeAgo atMs={secret.updatedAtMs} /> by {secret.updatedBy}
            </p>
            <p className="flex flex-wrap gap-x-2">
              <Users usedBy={secret.usedBy} />
            </p>
          </div>
          {editable && (
            <div className="flex gap-2">
              <Button onClick={() => onReplace(secret)} aria-label={`Replace ${secret.name}`}>
                Replace
              </Button>
              <Button look="danger" onClick={() => onDelete(secret)} aria-label={`Delete ${secret.name}`}>
                Delete
              </Button>
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
