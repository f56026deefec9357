import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';

/** Name of the dashboard that shows all of a deployment. */
export const overviewOf = (names: Names): string => names.resource('overview');

/** Name of the dashboard on which a service is seen: its own, unless the deployment does without; what belongs to no service is on the overview. */
export const dashboardOf = (names: Names, { serviceDashboards }: Pick<Settings, 'serviceDashboards'>, service: string): string =>
  serviceDashboards && service !== 'bus' ? names.resource(service) : overviewOf(names);
