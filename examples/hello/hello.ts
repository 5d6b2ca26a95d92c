import { App } from "@bellows/sdk";

export const app = new App("hello");

export const greet = app.function({ maxContainers: 4, retries: 2 }, async (name: string) => `Hello, ${name}!`);

app.entrypoint(async (...names: string[]) => {
  for await (const text of greet.map(names.length > 0 ? names : ["Ada", "Grace", "Barbara"])) console.log(text);
});
