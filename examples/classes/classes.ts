/**
 * A class keeps what is dear to make: its `enter` hooks run once per container, its methods many times. Each set of
 * constructor arguments has containers of its own: `bellows run examples/classes/classes.ts`.
 */
import assert from "node:assert/strict";
import { App, enter, exit, method } from "@bellows/sdk";
import { until } from "../until.ts";

export const app = new App("classes");

const farewells: string[] = [];

/** Keeps what the spellers say when they end. */
export const guestBook = app.function({ maxContainers: 1, scaledownWindow: "1m" }, async (farewell?: string) => {
  if (farewell !== undefined) farewells.push(farewell);
  return farewells;
});

export const Speller = app.cls(
  { maxContainers: 1, concurrent: { maxInputs: 4 }, scaledownWindow: "2s" },
  class {
    readonly #language: "en" | "de";
    #words = new Set<string>();
    #loads = 0;

    constructor(language: "en" | "de" = "en") {
      this.#language = language;
    }

    /** Not for callers: `protected` hooks are no part of the handle's type. */
    @enter()
    protected async load() {
      this.#words = new Set(this.#language === "en" ? ["house", "cloud", "tree"] : ["Haus", "Wolke", "Baum"]);
      this.#loads += 1;
    }

    @method()
    async knows(word: string): Promise<boolean> {
      return this.#words.has(word);
    }

    @method()
    async add(word: string): Promise<{ words: number; loads: number }> {
      this.#words.add(word);
      return { words: this.#words.size, loads: this.#loads };
    }

    @exit()
    protected async close() {
      await guestBook.remote(`the ${this.#language} speller knew ${this.#words.size} words`);
    }
  },
);

app.entrypoint(async () => {
  const english = Speller.instance();
  assert.equal(await english.knows.remote("house"), true);
  assert.deepEqual(await english.knows.map(["house", "Haus", "tree"]).toArray(), [true, false, true]);

  // The same container, which was made ready once.
  assert.deepEqual(await english.add.remote("river"), { words: 4, loads: 1 });
  assert.equal(await english.knows.remote("river"), true);

  // Another argument, another pool of containers.
  const german = Speller.instance("de");
  assert.equal(await german.knows.remote("Haus"), true);
  assert.equal(await german.knows.remote("house"), false);

  // A method has every verb that a function has, and its instance's containers.
  const call = await german.knows.spawn("Wolke");
  assert.equal(await call.get(), true);
  assert.deepEqual(await german.knows.starmap([["Baum"], ["tree"]]).toArray(), [true, false]);
  assert.equal((await german.add.remote("Fluss")).loads, 1);

  // In this process.
  assert.equal(await Speller.instance("de").knows.local("Baum"), true);

  // When nobody needs them any more they end, each after its exit hooks.
  await until("both spellers have said farewell", async () => (await guestBook.remote()).length === 2);
  assert.deepEqual((await guestBook.remote()).sort(), ["the de speller knew 4 words", "the en speller knew 4 words"]);

  console.log("both spellers answered");
});
