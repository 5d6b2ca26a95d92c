/**
 * Containers that are there before the work is: in the morning a function of this app raises `minContainers` of another,
 * in the evening it takes that back. `crontab` beside this file calls the two by the clock once the app is deployed.
 * `bellows run examples/scaling/scaling.ts`
 */
import { App } from "@bellows/sdk";
import { until } from "../until.ts";

export const app = new App("scaling");

const DAY_CONTAINERS = 2;

export const answer = app.function(
  { maxContainers: 4, scaledownWindow: "2s" },
  async (question: string) => `${question.length} letters`,
);

export const morning = app.function({ scaledownWindow: "2s" }, async () => {
  const { minContainers } = await answer.updateAutoscaler({ minContainers: DAY_CONTAINERS });
  return minContainers;
});

/** `null` takes the override back: what the code says holds again, here the default of 0. */
export const evening = app.function({ scaledownWindow: "2s" }, async () => {
  const { minContainers } = await answer.updateAutoscaler({ minContainers: null });
  return minContainers;
});

app.entrypoint(async () => {
  const raised = await morning.remote();
  if (raised.value !== DAY_CONTAINERS || raised.layer !== "override") throw new Error(`not raised: ${raised.layer}`);
  await until("the day's containers run", async () => (await answer.stats()).numTotalContainers === DAY_CONTAINERS);
  console.log(`morning: ${DAY_CONTAINERS} containers wait for work, by word of ${raised.setBy}`);
  console.log(await answer.remote("how long is this?"));

  const lowered = await evening.remote();
  if (lowered.value !== 0) throw new Error(`${lowered.value} containers are kept over night`);
  await until("none is left", async () => (await answer.stats()).numTotalContainers === 0);
  console.log(`evening: none is left; minContainers is the ${lowered.layer}'s ${lowered.value} again`);
});
