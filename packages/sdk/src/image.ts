/**
 * What a function's containers have in them besides its code. An image is a value: every verb returns a new one, and
 * nothing is built before a deploy. Equal images are built once and shared by all functions that name them.
 */
import { InvalidError } from "@bellows/protocol/errors";
import type { ImageBase, ImageDefinition, ImageStep } from "@bellows/protocol/image";
import { imageSchema } from "@bellows/protocol/image";

export class Image implements ImageDefinition {
  readonly base: ImageBase;
  readonly steps: ImageStep[];

  private constructor(base: ImageBase, steps: ImageStep[]) {
    this.base = base;
    this.steps = steps;
  }

  /**
   * The default image: the Node that runs Bellows. It is a Debian with that Node where `aptInstall`, `pipInstall` or
   * `run` need one, taken from a registry, or made by `debootstrap` when no registry can be reached.
   */
  static node(): Image {
    return new Image({ type: "node" }, []);
  }

  /**
   * An image of a registry, such as `"python:3.12-slim"`, or one that the engine has already. It needs no Node: Bellows
   * brings its own, which runs on any image with glibc 2.28 or newer, or with none. Docker only.
   */
  static fromRegistry(name: string): Image {
    return Image.#checked({ type: "registry", name }, []);
  }

  /**
   * What a Dockerfile builds. `path` is relative to the file that is deployed; the folder of the Dockerfile is its
   * context, and is stored with the deployment (64 MiB at most, packed). Docker only.
   */
  static fromDockerfile(path: string): Image {
    return Image.#checked({ type: "dockerfile", path, archive: null }, []);
  }

  /** Packages of the distribution, which has to be a Debian or one like it. Docker only. */
  aptInstall(...packages: string[]): Image {
    return this.#with({ type: "apt", packages });
  }

  /** npm packages, each a name or `name@version`, to be imported by the code; those that the code imports come by themselves. */
  npmInstall(...packages: string[]): Image {
    return this.#with({ type: "npm", packages });
  }

  /** Python packages. Python and pip are installed first where the image has none. Docker only. */
  pipInstall(...packages: string[]): Image {
    return this.#with({ type: "pip", packages });
  }

  /** A command of the image's shell, run as root while the image is built. Docker only. */
  run(command: string): Image {
    return this.#with({ type: "run", command });
  }

  /** Variables of the steps after this one and of the code. Not for secrets: they are stored with the image. */
  env(variables: Record<string, string>): Image {
    return this.#with({ type: "env", variables });
  }

  /**
   * Files of this machine. `from` is a file or folder, relative to the file that is deployed; `to` is where it is found,
   * relative to the working directory of the code, or absolute (Docker only). 64 MiB at most, packed.
   */
  copy(from: string, to: string): Image {
    return this.#with({ type: "copy", from, to, archive: null });
  }

  #with(step: ImageStep): Image {
    return Image.#checked(this.base, [...this.steps, step]);
  }

  /** @throws InvalidError for what cannot be part of an image. */
  static #checked(base: ImageBase, steps: ImageStep[]): Image {
    const parsed = imageSchema.safeParse({ base, steps });
    if (parsed.success) return new Image(base, steps);
    throw new InvalidError(`image: ${parsed.error.issues[0]?.message ?? "it is not valid"}`);
  }
}
