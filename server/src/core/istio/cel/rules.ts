// CEL rules of Istio's CRDs that the rules of this project speak of by themselves, in better words and without a cluster.
// Source: istio/istio:manifests/charts/base/files/crd-all.gen.yaml from 1.24 on.

/** As `normalized` writes them. */
const told: ReadonlySet<string> = new Set(
  [
    // A value alone.
    "duration(self) >= duration('1ms')",
    'self.size() == 0',
    "self != '*'",
    '0 < self && self <= 65535',
    "!self.contains('*')",
    "self in ['', 'HTTP', 'HTTPS']",
    "url(self).getScheme() in ['http', 'https']",
    "self.startsWith('unix://') ? !self.endsWith('/') : true",
    "self.startsWith('unix://') ? (self.substring(7, 8) == '/' || self.substring(7, 8) == '@') : true",
    // Keys of a map, items of a list.
    'self.all(key, key.size() != 0)',
    "self.all(key, !key.contains('*'))",
    'self.all(key, 0 < int(key) && int(key) <= 65535)',
    "self.all(key, size(key) < 63 && key.matches('^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$'))",
    'self.all(l1, self.exists_one(l2, l1.number == l2.number))',
    // At most one of these fields.
    '(has(self.selector) ? 1 : 0) + (has(self.targetRef) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1',
    '(has(self.jwksUri) ? 1 : 0) + (has(self.jwks_uri) ? 1 : 0) + (has(self.jwks) ? 1 : 0) <= 1',
    '(has(self.workloadSelector) ? 1 : 0) + (has(self.endpoints) ? 1 : 0) <= 1',
    '(has(self.workloadSelector) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1',
    '(has(self.tlsCertificates) ? 1 : 0) + (has(self.credentialNames) ? 1 : 0) <= 1',
    '(has(self.credentialNames) ? 1 : 0) + (has(self.tlsCertificates) ? 1 : 0) <= 1',
    '(has(self.credentialName) ? 1 : 0) + (has(self.credentialNames) ? 1 : 0) <= 1',
    '(has(self.credentialName) ? 1 : 0) + (has(self.tlsCertificates) ? 1 : 0) <= 1',
    // Fields of one object that go together, or do not.
    'has(self.address) || has(self.network)',
    "(has(self.address) ? self.address : '').startsWith('unix://') ? !has(self.ports) : true",
    "(has(self.address) && self.address.startsWith('unix://')) ? !has(self.ports) : true",
    "((has(self.resolution) ? self.resolution : 'NONE') == 'NONE') ? !has(self.endpoints) : true",
    "(!has(self.resolution) || self.resolution == 'NONE') ? !has(self.endpoints) : true",
    "((has(self.resolution) ? self.resolution : '') == 'DNS_ROUND_ROBIN') ? ((has(self.endpoints) ? self.endpoints : []).size() <= 1) : true",
    "(has(self.resolution) && self.resolution == 'DNS_ROUND_ROBIN') ? (!has(self.endpoints) || size(self.endpoints) == 1) : true",
    "!((has(self.addresses) ? self.addresses : []).exists(k, k.contains('/')) && !((has(self.resolution) ? self.resolution : 'NONE') in ['STATIC', 'NONE']))",
    "!(has(self.addresses) && self.addresses.exists(k, k.contains('/')) && (has(self.resolution) && self.resolution != 'STATIC' && self.resolution != 'NONE'))",
    'has(self.portLevelMtls) ? (((has(self.selector) && has(self.selector.matchLabels)) ? self.selector.matchLabels : {}).size() > 0) : true',
    '(has(self.selector) && has(self.selector.matchLabels) && self.selector.matchLabels.size() > 0) || !has(self.portLevelMtls)',
    '(has(self.serviceAccounts) || has(self.notServiceAccounts)) ? (!has(self.principals) && !has(self.notPrincipals) && !has(self.namespaces) && !has(self.notNamespaces)) : true',
    "[self.group, self.kind] in [['core', 'Service'], ['', 'Service'], ['gateway.networking.k8s.io', 'Gateway'], ['networking.istio.io', 'ServiceEntry']]",
    "has(self.context) ? ((self.context == 'WAYPOINT') ? has(self.waypoint) : !has(self.waypoint)) : !has(self.waypoint)",
    "((has(self.operation) ? self.operation : '') == 'UPSERT') ? (self.value != '') : true",
    "((has(self.operation) ? self.operation : '') == 'REMOVE') ? !has(self.value) : true",
  ].map(normalized),
)

/** Whether a rule of a CRD says what a rule of this project says. */
export function isTold(rule: string): boolean {
  return told.has(normalized(rule))
}

/** Blanks and the kind of quotes carry no meaning in these rules. */
export function normalized(rule: string): string {
  return rule.replaceAll('"', "'").replaceAll(/\s/g, '')
}
