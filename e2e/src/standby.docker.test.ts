import { describeStandby } from "./standby.suite.ts";

describeStandby("docker");
