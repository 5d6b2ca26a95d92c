import { describe, expect, test } from "vitest";
import { APP_DEFINITION, type AppDefinition, DEFINITION, definitionsOf, functionNamed } from "./definitions.ts";
import { parseFunctionOptions } from "./function-options.ts";

/** A module as the SDK makes it, without the SDK. */
function moduleWith(names: (string | undefined)[]) {
  const handles = names.map((name) => ({ [DEFINITION]: { name, settings: parseFunctionOptions(), handler: () => 0 } }));
  const app: AppDefinition = { name: "pages", entrypoint: undefined, functions: handles };
  return { app: { [APP_DEFINITION]: app }, handles };
}

describe("definitions of a module", () => {
  test("a function is named by its options, otherwise by its export; the handle learns the name", () => {
    const { app, handles } = moduleWith([undefined, "given"]);
    const [ocr, other] = handles;
    expect(definitionsOf({ app, ocr, other }).functions.map((f) => f.name)).toEqual(["ocr", "given"]);
    expect(ocr?.[DEFINITION].name).toBe("ocr");
    expect(other?.[DEFINITION].name).toBe("given");
  });

  test("the first name stays, however often and under whatever export the module is read", () => {
    const { app, handles } = moduleWith([undefined]);
    definitionsOf({ app, first: handles[0], second: handles[0] });
    expect(definitionsOf({ app, second: handles[0] }).functions.map((f) => f.name)).toEqual(["first"]);
  });

  test.each([
    ["no app", () => ({}), "the file exports no app"],
    [
      "two apps",
      () => ({ a: moduleWith([]).app, b: { [APP_DEFINITION]: { name: "b", entrypoint: undefined, functions: [] } } }),
      "the file exports 2 apps (pages, b)",
    ],
    ["a function without a name", () => ({ app: moduleWith([undefined]).app }), "neither exported nor named"],
    ["two functions of one name", () => ({ app: moduleWith(["a", "a"]).app }), 'two functions are named "a"'],
  ])("%s is refused", (_, module, reason) => {
    expect(() => definitionsOf(module())).toThrowError(
      expect.objectContaining({ code: "INVALID", message: expect.stringContaining(reason) }),
    );
  });

  test("an unknown name is answered with the names there are", () => {
    const { app, handles } = moduleWith([undefined]);
    expect(functionNamed({ app, ocr: handles[0] }, "ocr").name).toBe("ocr");
    expect(() => functionNamed({ app, ocr: handles[0] }, "ocrr")).toThrowError(
      'app "pages" has no function "ocrr"; it has "ocr"',
    );
  });
});
