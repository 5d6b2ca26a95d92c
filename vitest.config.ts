/**
 * Four kinds of tests, told apart by their names: `*.test.ts` is pure and instant, `*.db.test.ts` needs a real
 * Postgres, `*.process.test.ts` starts real processes (built code, so `npm run build` comes first), `*.gpu.test.ts` needs a real GPU, and the browser specs of `e2e/` have a
 * runner of its own. Workspace packages resolve to their sources, so a pure test never needs a build.
 */
import { defaultServerConditions } from "vite";
import { configDefaults, defineConfig } from "vitest/config";

const KINDS = {
  db: ["**/*.db.test.ts"],
  process: ["**/*.process.test.ts"],
  docker: ["**/*.docker.test.ts"],
  gpu: ["**/*.gpu.test.ts"],
};

const NEVER = [...configDefaults.exclude, "**/dist/**", "**/.next/**", "**/.bellows/**"];
const conditions = ["@bellows/source", ...defaultServerConditions];
const sources = { resolve: { conditions }, ssr: { resolve: { conditions } } };
const databaseSetup = ["packages/db/src/testing-setup.ts"];

export default defineConfig({
  test: {
    projects: [
      {
        ...sources,
        test: {
          name: "unit",
          include: ["**/*.test.{ts,tsx}"],
          exclude: [...NEVER, ...Object.values(KINDS).flat()],
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
          maxWorkers: 1,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      { ...sources, test: { name: "gpu", include: KINDS.gpu, exclude: NEVER, testTimeout: 60_000 } },
      {
        ...sources,
        test: {
          name: "process",
          include: KINDS.process,
          exclude: NEVER,
          globalSetup: databaseSetup,
          pool: "forks",
          // Each of these tests runs several processes; more at once only makes every one of them slow.
          maxWorkers: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
