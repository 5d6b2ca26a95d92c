/**
 * Calls a deployed function without its code: `bellows deploy examples/calling/calling.ts`, then
 * `node examples/calling/from-outside.mjs`. Where Bellows is comes from `.bellows/credentials.json`.
 */
import assert from "node:assert/strict";
import { Bellows } from "@bellows/sdk";

const bellows = new Bellows();
const divide = bellows.functions.fromName("calling", "divide");

const quotient = await divide.remote(6, 3);
assert.equal(quotient, 2);
console.log(`6 / 3 = ${quotient}`);

const call = await divide.spawn(8, 4);
console.log(`8 / 4 = ${await bellows.calls.fromId(call.id).get()}, by call ${call.id}`);
