import { notFound } from "next/navigation";

/** Addresses that lead nowhere are answered inside the console, with its navigation around them. */
export default function Page() {
  notFound();
}
