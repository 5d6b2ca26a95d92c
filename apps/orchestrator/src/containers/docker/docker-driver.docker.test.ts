import { describeDriver } from "../conformance.ts";
import { DockerHarness } from "./testing-harness.ts";

describeDriver("docker", new DockerHarness(process.env));
