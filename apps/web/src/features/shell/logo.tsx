import Link from "next/link";
import { paths } from "../../lib/paths.ts";

export function Logo() {
  return (
    <Link href={paths.overview()} className="flex items-center gap-2 font-semibold text-base tracking-tight">
      <svg aria-hidden viewBox="0 0 32 32" className="size-5 text-ember">
        <title>Bellows</title>
        <path
          d="M5 4v24M13 8v16M20 12v8M27 15v2"
          stroke="currentColor"
          strokeWidth="4"
          strokeLinecap="round"
          fill="none"
        />
      </svg>
      Bellows
    </Link>
  );
}
