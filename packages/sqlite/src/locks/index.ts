export { fileFlights } from "./file-flights.ts";
