import { redirect } from "next/navigation";
import { paths } from "../../../lib/paths.ts";

/** Settings have one page so far. */
export default function Page() {
  redirect(paths.limits());
}
