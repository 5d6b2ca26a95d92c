/**
 * The kinds of tests, told apart by their names: `*.test.ts` is pure and instant, `*.db.test.ts` needs a real Postgres,
 * `*.process.test.ts` starts real processes (built code, so `npm run build` comes first), `*.timed.test.ts` does so and
 * looks at the clock, `*.docker.test.ts` needs a Docker engine, `*.gpu.test.ts` a real GPU, and the browser specs of `e2e/`
 * have a runner of their own. Workspace packages resolve to their sources, so a pure test never needs a build.
 */
import { defaultServerConditions } from "vite";
import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const KINDS = {
  db: ["**/*.db.test.ts"],
  process: ["**/*.process.test.ts"],
  timed: ["**/*.timed.test.ts"],
  docker: ["**/*.docker.test.ts"],
  gpu: ["**/*.gpu.test.ts"],
};

const NEVER = [...configDefaults.exclude, "**/dist/**", "**/.next/**", "**/.bellows/**"];
const conditions = ["@bellows/source", ...defaultServerConditions];
const sources = { resolve: { conditions }, ssr: { resolve: { conditions } } };
const databaseSetup = ["packages/db/src/testing-setup.ts"];

const ofProcesses = { pool: "forks", exclude: NEVER, testTimeout: 120_000, hookTimeout: 120_000 } as const;

const LONGEST = ["/e2e/src/chaos/", "/e2e/src/docker.docker."];

/** What takes minutes begins first, so that all the others run beside it. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean => LONGEST.some((part) => moduleId.includes(part));
    return (await super.sort(files)).sort((a, b) => Number(isLong(b)) - Number(isLong(a)));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        ...sources,
        test: {
          name: "unit",
          include: ["**/*.test.{ts,tsx}"],
          exclude: [...NEVER, ...Object.values(KINDS).flat()],
          // By itself Vitest leaves one core free.
          maxWorkers: "100%",
          testTimeout: 10_000,
        },
      },
      {
        ...sources,
        test: {
          name: "db",
          include: KINDS.db,
          exclude: NEVER,
          globalSetup: databaseSetup,
          maxWorkers: 2,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...sources,
        test: {
          name: "docker",
          include: KINDS.docker,
          exclude: NEVER,
          globalSetup: databaseSetup,
          pool: "forks",
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      { ...sources, test: { name: "gpu", include: KINDS.gpu, exclude: NEVER, testTimeout: 60_000 } },
      {
        ...sources,
        test: {
          ...ofProcesses,
          name: "process",
          include: KINDS.process,
          globalSetup: databaseSetup,
          // They wait more than they compute. On two cores that had other work, too, one at a time took 15 minutes, and
          // three at a time half of it.
          maxWorkers: 3,
        },
      },
      // With nothing beside them, after those.
      { ...sources, test: { ...ofProcesses, name: "timed", include: KINDS.timed, maxWorkers: 1 } },
    ],
  },
});
