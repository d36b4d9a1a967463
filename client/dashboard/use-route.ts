import { useLayoutEffect, useState } from "preact/hooks";
import { type Route, routeOf } from "./route.ts";

const FIRST: Route = { page: "jobs", show: "all", search: "", offset: 0 };

/** The page that the address names; an address that names none leaves it as it is. */
export function useRoute(): Route {
  const [route, setRoute] = useState(() => routeOf(location.hash) ?? FIRST);
  // Before anything can be pressed: an address that changes before somebody listens would be lost.
  useLayoutEffect(() => {
    const onHashChange = () => setRoute((before) => routeOf(location.hash) ?? before);
    addEventListener("hashchange", onHashChange);
    return () => removeEventListener("hashchange", onHashChange);
  }, []);
  return route;
}
