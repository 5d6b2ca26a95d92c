/** What a built package depends on: native addons are made for one platform and one major version of Node. */
export function hostKind(): string {
  return `${process.platform}-${process.arch}-node${process.versions.node.split(".")[0]}`;
}
