import { isId } from "@bellows/protocol/ids";
import type { Metadata } from "next";
import { ContainerPage } from "../../../../features/containers/container-page.tsx";
import { shortId } from "../../../../lib/format.ts";
import { paths } from "../../../../lib/paths.ts";
import { NotAnId } from "../../../../ui/not-an-id.tsx";

interface Props {
  params: Promise<{ id: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Container ${shortId((await params).id)}` };
}

export default async function Page({ params }: Props) {
  const { id } = await params;
  if (isId(id)) return <ContainerPage id={id} />;
  return (
    <NotAnId
      given={decodeURIComponent(id)}
      noun="container"
      where="The list has the containers of every app, also those that are gone."
      list={{ label: "Look for it in the containers", href: paths.containers({ gone: true }) }}
    />
  );
}
