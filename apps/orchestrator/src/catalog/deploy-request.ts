/** What a client asks for when it deploys; the API has checked the shape, `deploy-app.ts` checks the rest. */
import type { FunctionSettings } from "@bellows/protocol/function-options";

export interface DeployRequest {
  name: string;
  environment: string;
  bundleHash: string;
  /** Deployed under a name of its own and stopped when nobody holds it any more. */
  ephemeral: boolean;
  functions: { name: string; settings: FunctionSettings }[];
}
