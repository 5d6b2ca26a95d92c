import { expect, test } from "vitest";
import { hidingValuesOf } from "./hidden-values.ts";

test("tokens of npm and passwords in addresses are not shown", () => {
  const hide = hidingValuesOf([
    '//registry.example/:_authToken=npm_0123456789\n//other.example/:_password="c2VjcmV0cw=="\n',
    "export HTTPS_PROXY='http://ann:hunter2hunter2@proxy:3128'\nexport PIP_INDEX_URL='https://tokentoken@pip.example/simple'\n",
  ]);
  expect(hide("//registry.example/:_authToken=npm_0123456789")).toBe("//registry.example/:_authToken=***");
  expect(hide("c2VjcmV0cw== and hunter2hunter2 twice hunter2hunter2")).toBe("*** and *** twice ***");
  expect(hide("https://tokentoken@pip.example/simple")).toBe("https://***@pip.example/simple");
});

test("what is no secret stays as it is", () => {
  const hide = hidingValuesOf(["registry=https://registry.example/\n_auth=abc\n", "http://proxy:3128"]);
  expect(hide("abc of https://registry.example/ by proxy:3128")).toBe("abc of https://registry.example/ by proxy:3128");
});
