/** Where the code of a Python function is: a file of its bundle, and the name it has in there. */
import * as z from "zod/mini";

/** A path below the folder of a bundle's files, with `/`: it never leads out of it. */
export const bundleFilePath = z
  .string()
  .check(z.regex(/^(?!\.{0,2}(\/|$))[^/\\\0]+(\/(?!\.{0,2}(\/|$))[^/\\\0]+)*$/, "is not a path inside of the bundle"));

/** What a Python function may be called: those of other scripts are left to other languages. */
const IDENTIFIER = /^[A-Za-z_]\w{0,127}$/;

export const pythonSchema = z.object({
  file: bundleFilePath,
  function: z.string().check(z.regex(IDENTIFIER, "is not the name of a Python function")),
});
export type PythonEntry = z.infer<typeof pythonSchema>;

export function isPythonName(name: string): boolean {
  return IDENTIFIER.test(name);
}
