/**
 * The images of this orchestrator's containers: one build of each at a time, whoever needs it, a deploy that shows what
 * it says or a container that waits for it. A build that was cut short by a crash is begun again by whoever needs it next;
 * what it had finished is found by the driver.
 */
import { type ErrorData, errorData, NotFoundError, StartupError } from "@bellows/protocol/errors";
import { baseText, stepText } from "@bellows/protocol/image";
import type { ImageState } from "@bellows/protocol/states";
import type { ImageBuildView, ImageLogView, Page } from "@bellows/protocol/views";
import type { ContainerDriver, ContainerImage } from "../containers/driver.ts";
import type { Logger } from "../telemetry/logger.ts";
import { BuildLog } from "./build-log.ts";
import type { BuildRow, BuildRows } from "./build-rows.ts";
import { imageIdOf } from "./image-id.ts";

const MAX_LOG_CHARS = 1_000_000;
/** How often what a running build says is stored. */
const SAVE_MS = 2_000;

export interface ImageBuildsDeps {
  driver: Pick<ContainerDriver, "name" | "buildImage">;
  rows: BuildRows;
  now: () => number;
  log: Logger;
}

interface Build {
  image: ContainerImage;
  state: ImageState;
  /** Null when it has been stored. */
  said: BuildLog | null;
  /** The place in what was said at which the stored text begins. */
  logBegin: number;
  error: ErrorData | null;
  startedAtMs: number;
  finishedAtMs: number | null;
  ended: Promise<void>;
}

export class ImageBuilds {
  readonly #deps: ImageBuildsDeps;
  readonly #builds = new Map<string, Build>();

  constructor(deps: ImageBuildsDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const error = new StartupError("the orchestrator ended while it built this; the next use builds it again");
    const { stack: _stack, ...data } = errorData(error);
    await this.#deps.rows.endInterrupted(data, this.#deps.now());
  }

  /** Resolves when containers can be made of it. @throws what the build failed of, for everyone who waits for it. */
  ready(image: ContainerImage): Promise<void> {
    return this.#build(image).ended;
  }

  /** Builds it if it is not there. The id is for `view` and `log`. */
  begin(image: ContainerImage): ImageBuildView {
    const build = this.#build(image);
    build.ended.catch(() => {});
    return viewOf(this.#rowOf(this.#idOf(image), build));
  }

  /** The driver has found that it is not there any more. */
  forget(image: ContainerImage): void {
    this.#builds.delete(this.#idOf(image));
  }

  /** @throws NotFoundError */
  async view(id: string): Promise<ImageBuildView> {
    return viewOf(await this.#row(id));
  }

  /** What was said from a place on, 0 for all. @throws NotFoundError */
  async log(id: string, from: number): Promise<ImageLogView> {
    const build = this.#builds.get(id);
    if (build?.said) return { ...build.said.from(from), state: build.state, error: build.error };
    const row = await this.#deps.rows.find(id);
    if (!row && build) return { text: "", next: 0, state: build.state, error: build.error };
    const { log, state, error } = row ?? (await this.#row(id));
    const begin = build?.logBegin ?? 0;
    return { text: log.slice(Math.max(0, from - begin)), next: begin + log.length, state, error };
  }

  async list({ cursor, limit }: { cursor?: string | undefined; limit: number }): Promise<Page<ImageBuildView>> {
    const before = cursor === undefined ? null : placeOf(cursor);
    const rows = await this.#deps.rows.newest({ before, limit: limit + 1 });
    const items = rows.slice(0, limit).map((row) => {
      const build = this.#builds.get(row.id);
      return viewOf(build ? this.#rowOf(row.id, build) : row);
    });
    const last = rows.length > limit ? items.at(-1) : undefined;
    return { items, nextCursor: last ? `${last.startedAtMs}/${last.id}` : null };
  }

  #idOf(image: ContainerImage): string {
    return imageIdOf(image, this.#deps.driver.name);
  }

  #build(image: ContainerImage): Build {
    const id = this.#idOf(image);
    const known = this.#builds.get(id);
    if (known && known.state !== "failed") return known;
    const build: Build = {
      image,
      state: "building",
      said: null,
      logBegin: 0,
      error: null,
      startedAtMs: this.#deps.now(),
      finishedAtMs: null,
      ended: Promise.resolve(),
    };
    this.#builds.set(id, build);
    build.ended = this.#run(id, build);
    return build;
  }

  async #run(id: string, build: Build): Promise<void> {
    const { driver, now, log } = this.#deps;
    const said = new BuildLog({ maxChars: MAX_LOG_CHARS });
    build.said = said;
    const saving = setInterval(() => void this.#save(id, build), SAVE_MS);
    try {
      await driver.buildImage(build.image, (line) => said.add(line));
      build.state = "ready";
    } catch (thrown) {
      const { stack: _stack, ...error } = errorData(thrown);
      build.state = "failed";
      build.error = error;
      log.warn({ image: id, reason: error.message }, "an image could not be built");
      throw thrown;
    } finally {
      clearInterval(saving);
      build.finishedAtMs = now();
      // Nothing to tell of an image that was there: it is the case of nearly every start.
      if (build.state === "failed" || said.text !== "") await this.#save(id, build);
      build.logBegin = said.begin;
      build.said = null;
    }
  }

  async #save(id: string, build: Build): Promise<void> {
    await this.#deps.rows.save(this.#rowOf(id, build)).catch((error: unknown) => {
      this.#deps.log.warn({ image: id, reason: errorData(error).message }, "what a build said could not be stored");
    });
  }

  async #row(id: string): Promise<BuildRow> {
    const build = this.#builds.get(id);
    const row = build ? this.#rowOf(id, build) : await this.#deps.rows.find(id);
    if (row) return row;
    throw new NotFoundError(`there is no build of an image ${id}; \`bellows image list\` shows those there are`);
  }

  #rowOf(id: string, { image, state, said, error, startedAtMs, finishedAtMs }: Build): BuildRow {
    const { definition, packages } = image;
    const { name: driver } = this.#deps.driver;
    return { id, driver, definition, packages, state, log: said?.text ?? "", error, startedAtMs, finishedAtMs };
  }
}

function placeOf(cursor: string): { startedAtMs: number; id: string } {
  const [startedAtMs = "", id = ""] = cursor.split("/");
  return { startedAtMs: Number(startedAtMs), id };
}

function viewOf({ definition, packages, log: _log, ...row }: BuildRow): ImageBuildView {
  return {
    ...row,
    base: baseText(definition.base),
    steps: definition.steps.map(stepText),
    packages: Object.entries(packages).map(([name, version]) => `${name}@${version}`),
  };
}
