import { redirect } from "next/navigation";
import { paths } from "../../../lib/paths.ts";

/** The first of them. */
export default function Page() {
  redirect(paths.limits());
}
