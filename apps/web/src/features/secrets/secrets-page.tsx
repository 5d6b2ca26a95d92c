"use client";
/** The secrets of this environment: what they are called and who uses them. Their values are shown to nobody. */
import type { SecretView } from "@bellows/protocol/views";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { CALM_MS } from "../../lib/live.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { useRights } from "../../lib/use-rights.ts";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Panel } from "../../ui/section.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { DeleteSecret } from "./delete-secret.tsx";
import { SecretDialog } from "./secret-dialog.tsx";
import { SecretsTable } from "./secrets-table.tsx";
import { VolumesSection } from "./volumes-section.tsx";

/** What is being done: to a new secret, to one that is there. */
type Doing = { deed: "set"; secret: SecretView | null } | { deed: "delete"; secret: SecretView };

export function SecretsPage() {
  const trpc = useTRPC();
  const { mayChange } = useRights();
  const [doing, setDoing] = useState<Doing | null>(null);
  const query = useQuery(trpc.secrets.list.queryOptions({}, { refetchInterval: CALM_MS }));
  const close = () => setDoing(null);
  return (
    <>
      <PageHeader
        title="Secrets"
        facts={
          <span>
            Variables for functions that name them in their option secrets. They are kept encrypted, and masked in logs.
          </span>
        }
        actions={
          mayChange && (
            <Button look="primary" onClick={() => setDoing({ deed: "set", secret: null })}>
              New secret
            </Button>
          )
        }
      />
      <Panel>
        <Loaded query={query} skeleton={<RowsSkeleton rows={3} />}>
          {(secrets) =>
            secrets.length === 0 ? (
              <EmptyState title="No secret yet" command="npx bellows secret set openai OPENAI_API_KEY=...">
                A secret is a named set of variables. A function that names it finds them in its environment.
              </EmptyState>
            ) : (
              <SecretsTable
                secrets={secrets}
                editable={mayChange}
                onReplace={(secret) => setDoing({ deed: "set", secret })}
                onDelete={(secret) => setDoing({ deed: "delete", secret })}
              />
            )
          }
        </Loaded>
      </Panel>
      <div className="mt-6">
        <VolumesSection />
      </div>
      {doing?.deed === "set" && <SecretDialog secret={doing.secret} onClose={close} />}
      {doing?.deed === "delete" && <DeleteSecret secret={doing.secret} onClose={close} />}
    </>
  );
}
