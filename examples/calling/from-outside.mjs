/**
 * Calls deployed functions and classes without their code: `bellows deploy examples/calling/calling.ts` and
 * `bellows deploy examples/classes/classes.ts`, then `node examples/calling/from-outside.mjs`. Where Bellows is comes from
 * `.bellows/credentials.json`.
 */
import assert from "node:assert/strict";
import { Bellows } from "@bellows/sdk";

const bellows = new Bellows({ environment: "main" });
const divide = bellows.functions.fromName("calling", "divide");

const quotient = await divide.remote(6, 3);
assert.equal(quotient, 2);
console.log(`6 / 3 = ${quotient}`);

const call = await divide.spawn(8, 4);
console.log(`8 / 4 = ${await bellows.calls.fromId(call.id).get()}, by call ${call.id}`);

const Speller = bellows.classes.fromName("classes", "Speller");
assert.equal(await Speller.instance("de").knows.remote("Haus"), true);
assert.equal(await Speller.instance().knows.remote("Haus"), false);
console.log("Haus is German");
