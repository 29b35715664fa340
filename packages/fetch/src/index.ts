export type {
  ChunkReader,
  Found,
  HttpRequest,
  HttpSurface,
  PassedThrough,
  StreamFormat,
} from "./surfaces/http-surface.ts";
