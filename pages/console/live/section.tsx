import type { ComponentChildren } from 'preact';

interface SectionProps {
  readonly id: string;
  readonly title: string;
  /** Beside the title. */
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A part of the page, with a heading that it is found by. */
export const Section = ({ id, title, aside, children }: SectionProps) => (
  <section id={id} class="part" aria-labelledby={`${id}-title`} tabIndex={-1}>
    <div class="head">
      <h2 id={`${id}-title`}>{title}</h2>
      {aside}
    </div>
    {children}
  </section>
);
