export type {
  ChunkReader,
  Found,
  HttpRequest,
  HttpSurface,
  PassedThrough,
  StreamFormat,
} from "./surfaces/http-surface.ts";
export { vendorSurfaces } from "./surfaces/vendor-surfaces.ts";
