import { services } from '../services.ts';

/** The same colour means the same on every dashboard. All are told apart in light and dark, and by who cannot tell red from green. */
export const colours = {
  in: '#1f77b4',
  out: '#2ca02c',
  swallowed: '#8c8c8c',
  waiting: '#ff9f1c',
  failed: '#d62728',
  parked: '#8b1e5b',
  p50: '#17a2b8',
  p99: '#6f42c1',
} as const;

const palette = ['#1f77b4', '#17a2b8', '#2ca02c', '#ff9f1c', '#e377c2', '#6f42c1', '#8c564b', '#bcbd22', '#8c8c8c', '#d62728'];

/** A service's own colour where services stand side by side; it keeps it when others are absent. */
export function colourOf(service: string): string {
  const index = services.findIndex(({ name }) => name === service);
  return palette[(index + palette.length) % palette.length] ?? colours.in;
}
