/** What a driver's harness does by the links of its agents, whatever the driver is. */
import { LinkServer } from "@bellows/runner/testing/link-server";
import type { DriverHarness } from "./conformance.ts";

export abstract class LinkedAgents
  implements Pick<DriverHarness, "linked" | "makeStubborn" | "printed" | "usageOver" | "cutLink">
{
  readonly server = new LinkServer();

  async linked(containerId: string): Promise<void> {
    await this.server.agent(containerId).frame("hello");
  }

  /** Its code prints "stubborn" when it is. */
  async makeStubborn(containerId: string): Promise<void> {
    const agent = this.server.agent(containerId);
    await agent.frame("ready");
    agent.run([]);
    await agent.until(() => agent.logs().some((line) => line[4] === "stubborn"));
  }

  printed(containerId: string): string[] {
    return this.server
      .agent(containerId)
      .logs()
      .map((line) => line[4]);
  }

  async usageOver(containerId: string, percent: number): Promise<{ memoryBytes: number }> {
    const agent = this.server.agent(containerId);
    return await agent.until(() => agent.framesOf("stats").find(({ cpuPercent }) => cpuPercent > percent));
  }

  async cutLink(containerId: string): Promise<void> {
    const agent = this.server.agent(containerId);
    const { links } = agent;
    agent.cut();
    await agent.until(() => agent.links > links);
  }
}
