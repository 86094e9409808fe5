/** Every address of the page. Pages are loaded when they are first visited. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  useParams,
} from "@tanstack/react-router";

import { api, call } from "../api/client.ts";
import { asProblem } from "../api/problem.ts";
import { queries } from "../api/query.ts";
import { meQuery } from "../api/session.ts";
import { whole } from "../i18n/index.ts";
import { Missing, Oops, Waiting } from "./Faces.tsx";
import { Shell } from "./Shell.tsx";

/** Let through who is signed in; send the others to where they can sign in. */
async function guard({ location }: { location: { href: string } }): Promise<void> {
  const words = whole();
  try {
    await queries.query({ ...meQuery, staleTime: "static" });
  } catch (error) {
    if (asProblem(error).status !== 401) throw error;
    const { needed } = await call<{ needed: boolean }>(api.GET("/api/v1/setup", {}));
    if (needed) throw redirect({ to: "/setup" });
    throw redirect({ to: "/login", search: { to: location.href === "/" ? undefined : location.href } });
  }
  await words;
}

const root = createRootRoute({ component: Outlet, notFoundComponent: Missing, errorComponent: Oops, pendingComponent: Waiting });
const inside = createRoute({ getParentRoute: () => root, id: "inside", beforeLoad: guard, component: Shell });

interface LoginSearch { to?: string }
const string = (value: unknown) => (typeof value === "string" ? value : undefined);

const setup = createRoute({ getParentRoute: () => root, path: "/setup", component: lazyRouteComponent(() => import("../pages/setup/index.tsx")) });
const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: (search): LoginSearch => ({ to: string(search.to) }),
  component: lazyRouteComponent(() => import("../pages/login/index.tsx")),
});
const join = createRoute({ getParentRoute: () => root, path: "/join/$secret", component: lazyRouteComponent(() => import("../pages/join/index.tsx")) });

const projects = createRoute({ getParentRoute: () => inside, path: "/", component: lazyRouteComponent(() => import("../pages/projects/index.tsx")) });
const wizard = createRoute({ getParentRoute: () => inside, path: "/new", validateSearch: (search): { project?: number; step?: string } => ({ project: Number(search.project) || undefined, step: string(search.step) }), component: lazyRouteComponent(() => import("../pages/wizard/index.tsx")) });
const me = createRoute({ getParentRoute: () => inside, path: "/me", component: lazyRouteComponent(() => import("../pages/me/index.tsx")) });
const everyone = createRoute({ getParentRoute: () => inside, path: "/people", component: lazyRouteComponent(() => import("../pages/everyone/index.tsx")) });

const project = createRoute({ getParentRoute: () => inside, path: "/projects/$projectId", component: Outlet });
const ring = createRoute({ getParentRoute: () => project, path: "/", component: lazyRouteComponent(() => import("../pages/ring/index.tsx")) });
const work = createRoute({ getParentRoute: () => project, path: "/work", component: lazyRouteComponent(() => import("../work/index.tsx")) });
const reviews = createRoute({ getParentRoute: () => project, path: "/reviews", component: lazyRouteComponent(() => import("../pages/reviews/index.tsx")) });
const items = createRoute({
  getParentRoute: () => project,
  path: "/items",
  // The filters of the list are in the address, so that a view can be shared.
  validateSearch: (search): Record<string, unknown> => search,
  component: lazyRouteComponent(() => import("../pages/items/index.tsx")),
});
const item = createRoute({ getParentRoute: () => project, path: "/items/$itemId", component: lazyRouteComponent(() => import("../pages/item/index.tsx")) });
const models = createRoute({ getParentRoute: () => project, path: "/models", component: lazyRouteComponent(() => import("../pages/models/index.tsx")) });
const model = createRoute({ getParentRoute: () => project, path: "/models/$modelId", component: lazyRouteComponent(() => import("../pages/models/report.tsx")) });
const compare = createRoute({
  getParentRoute: () => project,
  path: "/models/compare",
  validateSearch: (search): { a?: number; b?: number } => ({ a: Number(search.a) || undefined, b: Number(search.b) || undefined }),
  component: lazyRouteComponent(() => import("../pages/models/compare.tsx")),
});
const people = createRoute({ getParentRoute: () => project, path: "/people", component: lazyRouteComponent(() => import("../pages/people/index.tsx")) });
const settings = createRoute({ getParentRoute: () => project, path: "/settings", component: lazyRouteComponent(() => import("../pages/settings/index.tsx")) });
const jobs = createRoute({ getParentRoute: () => project, path: "/jobs", component: lazyRouteComponent(() => import("../pages/jobs/index.tsx")) });
const data = createRoute({ getParentRoute: () => project, path: "/data", component: lazyRouteComponent(() => import("../pages/data/index.tsx")) });

const tree = root.addChildren([
  setup,
  login,
  join,
  inside.addChildren([
    projects,
    wizard,
    me,
    everyone,
    project.addChildren([ring, work, reviews, items, item, models, compare, model, people, settings, jobs, data]),
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  defaultPendingMs: 150,
  defaultPendingComponent: Waiting,
  defaultErrorComponent: Oops,
  defaultNotFoundComponent: Missing,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

/** The project in the address. */
export function useProjectId(): number {
  const { projectId } = useParams({ strict: false });
  return Number(projectId);
}
