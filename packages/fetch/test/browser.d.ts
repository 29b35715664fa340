// Types of a browser that the declarations of @google/genai name.

type RequestInfo = string | URL | Request;
type HeadersInit = ConstructorParameters<typeof Headers>[0];
type ErrorEvent = Event;
