// Varde's own look for Mantine: fjord for what can be pressed, stone for everything else, 13 px and little air.
import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core'

const fjord: MantineColorsTuple = [
  '#e9f5f5',
  '#d0e8e8',
  '#a3d2d2',
  '#7cc6c5',
  '#5dbdbb',
  '#2f9094',
  '#1f7a80',
  '#17656b',
  '#125156',
  '#0c3b3f',
]
const stone: MantineColorsTuple = [
  '#f7f8f8',
  '#eff1f1',
  '#e4e8e9',
  '#d3d9dc',
  '#b4bdc4',
  '#8b97a1',
  '#5f6b75',
  '#4b5761',
  '#313b44',
  '#1b2329',
]
const night: MantineColorsTuple = [
  '#e1e7ec',
  '#c2ccd4',
  '#a7b3bd',
  '#8996a1',
  '#42505c',
  '#2e3842',
  '#222a32',
  '#181e24',
  '#12171c',
  '#0c1014',
]

/** Mantine picks the text on a filled button for the light shade only; its variable knows both. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input)
  const primary = input.color === undefined || input.color === input.theme.primaryColor
  return input.variant === 'filled' && primary ? { ...colors, color: 'var(--mantine-primary-color-contrast)' } : colors
}

export const theme = createTheme({
  variantColorResolver,
  primaryColor: 'fjord',
  primaryShade: { light: 7, dark: 4 },
  colors: { fjord, gray: stone, dark: night },
  autoContrast: true,
  luminanceThreshold: 0.35,
  fontFamily:
    "'Inter', 'Inter Variable', -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', 'Helvetica Neue', Arial, sans-serif",
  fontFamilyMonospace:
    "ui-monospace, 'JetBrains Mono', 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace",
  fontSizes: { xs: '11.5px', sm: '13px', md: '14px', lg: '16px', xl: '19px' },
  lineHeights: { xs: '1.35', sm: '1.4', md: '1.45', lg: '1.5', xl: '1.5' },
  spacing: { xs: '6px', sm: '10px', md: '14px', lg: '20px', xl: '28px' },
  radius: { xs: '3px', sm: '4px', md: '5px', lg: '8px', xl: '12px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  headings: {
    fontWeight: '600',
    sizes: { h1: { fontSize: '19px' }, h2: { fontSize: '15px' }, h3: { fontSize: '13px' } },
  },
  components: {
    Button: { defaultProps: { size: 'xs' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 'md' } },
    TextInput: { defaultProps: { size: 'xs' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    Textarea: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs', checkIconPosition: 'right' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Checkbox: { defaultProps: { size: 'xs' } },
    Tabs: { defaultProps: { keepMounted: false } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true, fz: 'xs' } },
    Menu: { defaultProps: { shadow: 'md', position: 'bottom-end' } },
    Popover: { defaultProps: { shadow: 'md' } },
    Modal: { defaultProps: { centered: false, overlayProps: { backgroundOpacity: 0.45 } } },
  },
})

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': 'var(--v-surface)',
    '--mantine-color-text': 'var(--v-text)',
    '--mantine-color-dimmed': 'var(--v-text-2)',
    '--mantine-color-placeholder': 'var(--v-text-3)',
    '--mantine-color-default': 'var(--v-surface)',
    '--mantine-color-default-hover': 'var(--v-inset)',
    '--mantine-color-default-border': 'var(--v-line-strong)',
    '--mantine-color-error': 'var(--v-critical)',
    '--mantine-color-anchor': 'var(--v-accent)',
  },
  dark: {
    '--mantine-color-body': 'var(--v-surface)',
    '--mantine-color-text': 'var(--v-text)',
    '--mantine-color-dimmed': 'var(--v-text-2)',
    '--mantine-color-placeholder': 'var(--v-text-3)',
    '--mantine-color-default': 'var(--v-raised)',
    '--mantine-color-default-hover': 'var(--v-line)',
    '--mantine-color-default-border': 'var(--v-line-strong)',
    '--mantine-color-error': 'var(--v-critical)',
    '--mantine-color-anchor': 'var(--v-accent)',
  },
})
