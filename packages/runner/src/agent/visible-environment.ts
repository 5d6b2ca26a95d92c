/**
 * What the programs that an agent starts may see of its environment: everything but its own variables, its token above all.
 * The certificates that they trust are named by one of those, and get the name here that programs know them by: Node reads
 * such a file before its first line, for 25 ms, and the agent has no use for it.
 */
export function visibleEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const visible = Object.entries(environment).filter(([name]) => !name.startsWith("BELLOWS_"));
  const { BELLOWS_EXTRA_CA_CERTS } = environment;
  return {
    ...Object.fromEntries(visible),
    ...(BELLOWS_EXTRA_CA_CERTS && { NODE_EXTRA_CA_CERTS: BELLOWS_EXTRA_CA_CERTS }),
  };
}
