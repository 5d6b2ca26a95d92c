/**
 * A class keeps what is dear to make: its `enter` hooks run once per container, its methods many times. Each set of
 * constructor arguments has containers of its own: `bellows run examples/classes/classes.ts`.
 */
import assert from "node:assert/strict";
import { App, enter, exit, method } from "@bellows/sdk";

export const app = new App("classes");

export const Speller = app.cls(
  { maxContainers: 1, concurrent: { maxInputs: 4 }, scaledownWindow: "2s" },
  class {
    readonly #language: "en" | "de";
    #words = new Set<string>();
    #loads = 0;

    constructor(language: "en" | "de" = "en") {
      this.#language = language;
    }

    @enter()
    async load() {
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
    async close() {
      console.log(`the ${this.#language} speller knew ${this.#words.size} words`);
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

  // In this process.
  assert.equal(await Speller.instance("de").knows.local("Baum"), true);

  console.log("both spellers answered");
});
