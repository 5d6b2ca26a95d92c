/** An address whose id is none: there is nothing to ask the API for. */
import { ButtonLink } from "./button.tsx";

export function NotAnId({
  given,
  noun,
  where,
  list,
}: {
  given: string;
  noun: string /** How the thing can be found without its whole id. */;
  where: string;
  list: { label: string; href: string };
}) {
  return (
    <div className="flex max-w-prose flex-col items-start gap-3 py-10">
      <h1 className="max-w-full break-words font-semibold text-xl">
        “{given}” is not a {noun} id
      </h1>
      <p className="text-ink-soft">
        A whole id has 36 characters, such as{" "}
        <code className="break-all font-mono text-xs">01988f0e-5b1c-7a52-9c1e-3f6a7d2b8c40</code>. {where}
      </p>
      <ButtonLink href={list.href}>{list.label}</ButtonLink>
    </div>
  );
}
