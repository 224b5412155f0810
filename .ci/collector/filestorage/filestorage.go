// Package filestorage stands in for the file_storage extension of the contrib distribution, which Debian does not have. It takes the
// same settings and stores each value in a file, so that the queue of the Collector's core, which decides what is stored and when,
// runs as in production.
package filestorage

import (
	"context"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

type config struct {
	Directory       string         `mapstructure:"directory"`
	CreateDirectory bool           `mapstructure:"create_directory"`
	Timeout         string         `mapstructure:"timeout"`
	FSync           bool           `mapstructure:"fsync"`
	Compaction      map[string]any `mapstructure:"compaction"`
}

// NewFactory returns the factory of the extension.
func NewFactory() extension.Factory {
	return extension.NewFactory(
		component.MustNewType("file_storage"),
		func() component.Config { return &config{CreateDirectory: true} },
		func(_ context.Context, _ extension.Settings, settings component.Config) (extension.Extension, error) {
			return &files{settings.(*config)}, nil
		},
		component.StabilityLevelDevelopment,
	)
}

type files struct{ config *config }

func (files *files) Start(context.Context, component.Host) error {
	if !files.config.CreateDirectory {
		return nil
	}
	return os.MkdirAll(files.config.Directory, 0o750)
}

func (*files) Shutdown(context.Context) error { return nil }

func (files *files) GetClient(_ context.Context, kind component.Kind, id component.ID, name string) (storage.Client, error) {
	folder := filepath.Join(files.config.Directory, hex.EncodeToString([]byte(kind.String()+" "+id.String()+" "+name)))
	return client(folder), os.MkdirAll(folder, 0o750)
}

// A client is the folder of a component. The file of a value is named after its key, in hexadecimal digits.
type client string

func (client client) path(key string) string {
	return filepath.Join(string(client), hex.EncodeToString([]byte(key)))
}

func (client client) Get(_ context.Context, key string) ([]byte, error) {
	value, err := os.ReadFile(client.path(key))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return value, err
}

// Set replaces the file by renaming, so that a killed process leaves the old value or the new one.
func (client client) Set(_ context.Context, key string, value []byte) error {
	temporary := client.path(key) + ".new"
	if err := os.WriteFile(temporary, value, 0o640); err != nil {
		return err
	}
	return os.Rename(temporary, client.path(key))
}

func (client client) Delete(_ context.Context, key string) error {
	if err := os.Remove(client.path(key)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func (client client) Batch(ctx context.Context, operations ...*storage.Operation) error {
	for _, operation := range operations {
		var err error
		switch operation.Type {
		case storage.Get:
			operation.Value, err = client.Get(ctx, operation.Key)
		case storage.Set:
			err = client.Set(ctx, operation.Key, operation.Value)
		case storage.Delete:
			err = client.Delete(ctx, operation.Key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (client) Close(context.Context) error { return nil }
