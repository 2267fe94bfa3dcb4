module simcard_exporter/ci/dashboards

go 1.26

require github.com/grafana/grafana-foundation-sdk/go v0.0.12

require go.yaml.in/yaml/v3 v3.0.6
