"use client";
import type { ImageBuildView } from "@bellows/protocol/views";
import { useQuery } from "@tanstack/react-query";
import { LIVE_MS } from "../../lib/live.ts";
import { paths } from "../../lib/paths.ts";
import { ImageBadge } from "../../lib/status.tsx";
import { useTRPC } from "../../lib/trpc.ts";
import { Tag } from "../../ui/badge.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { CopyableId } from "../../ui/copyable-id.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorReport } from "../../ui/error-panel.tsx";
import { KeyValues } from "../../ui/key-values.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { PageSkeleton } from "../../ui/page-skeleton.tsx";
import { Section } from "../../ui/section.tsx";
import { Elapsed, TimeAgo } from "../../ui/time.tsx";

export function ImagePage({ id }: { id: string }) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.images.get.queryOptions(
      { id },
      { refetchInterval: ({ state: { data } }) => (data?.state === "building" || !data ? LIVE_MS : false) },
    ),
  );
  return (
    <Loaded query={query} skeleton={<PageSkeleton />}>
      {(image) => <ImageDetail image={image} />}
    </Loaded>
  );
}

function ImageDetail({ image }: { image: ImageBuildView }) {
  const { id, state, driver, base, steps, packages, error, startedAtMs, finishedAtMs } = image;
  return (
    <>
      <PageHeader
        crumbs={[{ label: "Images", href: paths.images() }]}
        title={<>Image {id.slice(0, 8)}</>}
        state={<ImageBadge state={state} />}
        facts={
          <>
            <Tag title="driver">{driver}</Tag>
            <span>
              started <TimeAgo atMs={startedAtMs} />
            </span>
            <span>
              took <Elapsed fromMs={startedAtMs} toMs={finishedAtMs} />
            </span>
            <CopyableId id={id} noun="image" />
          </>
        }
      />
      <div className="flex flex-col gap-6">
        {error && (
          <Section title="Why it failed" padded>
            <ErrorReport error={error} advice={false} />
          </Section>
        )}
        <Section title="Made of">
          <KeyValues
            items={[
              { key: "Base", value: <code className="font-mono text-xs">{base}</code> },
              ...steps.map((step, position) => ({
                key: `Step ${position + 1}`,
                value: <code className="font-mono text-xs">{step}</code>,
              })),
              ...(packages.length > 0
                ? [
                    {
                      key: "Packages of the code",
                      value: <code className="font-mono text-xs">{packages.join(", ")}</code>,
                    },
                  ]
                : []),
            ]}
          />
        </Section>
        <Section title="Log">
          <BuildLog id={id} building={state === "building"} />
        </Section>
      </div>
    </>
  );
}

function BuildLog({ id, building }: { id: string; building: boolean }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.images.log.queryOptions({ id }, { refetchInterval: building ? LIVE_MS : false }));
  return (
    <Loaded query={query} skeleton={<PageSkeleton />}>
      {({ text }) =>
        text === "" ? (
          <EmptyState title={building ? "Nothing said yet" : "Everything was there already"} />
        ) : (
          <CodeBlock text={text} label="Log" />
        )
      }
    </Loaded>
  );
}
