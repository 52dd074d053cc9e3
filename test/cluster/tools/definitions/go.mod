// Pins the definitions that the rig applies. No Go code imports these modules, so `go mod tidy` would empty this file;
// after changing a version: `go mod download`.
module istio-security/test/cluster/definitions

go 1.26.0

require (
	istio.io/api v1.31.1
	sigs.k8s.io/gateway-api v1.6.3
)
